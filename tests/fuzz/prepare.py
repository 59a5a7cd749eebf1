"""Make what generated requests may refer to: prepare.py ADDRESS KEY ARTICLES prints the articles' ids."""

import sys
import time
from pathlib import Path

import httpx2

SAMPLE = Path(__file__).parents[2] / "samples" / "reading-the-record.txt"
PATIENCE = 120.0  # seconds; an article takes less than one


def main() -> None:
    """Upload a file, write articles from it, and print their ids."""
    address, key, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with httpx2.Client(base_url=f"{address}/api/v1", headers={"X-API-Key": key}, timeout=60) as api:
        file = {"file": (SAMPLE.name, SAMPLE.read_bytes())}
        file_id = api.post("/files", files=file).raise_for_status().json()["file_id"]
        body = {
            "user_prompt": "The Keeling Curve",
            "uploaded_files": [{"file_id": file_id}],
            "min_words": 100,
            "max_words": 200,
        }
        for _ in range(count):
            api.post("/tasks", json=body).raise_for_status()
        ids = finished(api, count)
    sys.stdout.write(" ".join(ids) + "\n")


def finished(api: httpx2.Client, count: int) -> list[str]:
    """The ids of so many articles, once they are there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        articles = api.get("/articles", params={"page_size": count}).raise_for_status().json()["articles"]
        if len(articles) == count:
            return [article["article_id"] for article in articles]
        time.sleep(0.2)
    failed = api.get("/tasks", params={"status": "failed", "limit": 1}).raise_for_status().json()["tasks"]
    sys.exit(f"After {PATIENCE:.0f} s there are {len(articles)} of {count} articles. A failed task: {failed}")


if __name__ == "__main__":
    main()
