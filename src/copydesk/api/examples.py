"""The examples of the OpenAPI document; a test reads each by its model."""

from typing import Any

_TASK_ID = "0199a3c8-7d1e-7c3a-9b52-0f6d1c2e4a11"
_ARTICLE_ID = "0199a3c8-91f4-7aa0-8c1d-5e2b7f3a9d22"
_FILE_ID = "0199a3c7-02ab-7f10-a4c6-1b9e8d7c6f33"
_CREATED = "2026-03-14T09:26:53.589Z"
_DONE = "2026-03-14T09:27:01.204Z"

_FILE: dict[str, Any] = {
    "file_id": _FILE_ID,
    "filename": "mauna-loa.csv",
    "kind": "csv",
    "content_type": "text/csv",
    "size": 18_244,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "words": 2_412,
    "pages": None,
    "sheets": None,
    "rows": 804,
    "preview": "date | ppm\n1958-03 | 315.71",
    "created_at": _CREATED,
}

_TASK_FIELDS: dict[str, Any] = {
    "task_id": _TASK_ID,
    "user_prompt": "Explain how the Keeling Curve is measured.",
    "keywords": ["keeling curve"],
    "reference_links": ["https://en.wikipedia.org/wiki/Keeling_Curve"],
    "uploaded_files": [{"file_id": _FILE_ID}],
    "min_words": 800,
    "max_words": 1_200,
    "language": "en",
    "tone": None,
    "audience": None,
    "metadata": {"campaign": "spring"},
    "max_cost_usd": None,
    "allow_ungrounded": False,
    "error": None,
    "usage": {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0},
    "attempt": 1,
    "created_at": _CREATED,
}

_STAGES = [
    {"name": name, "status": "pending", "started_at": None, "finished_at": None, "detail": None}
    for name in ("research", "references", "files", "outline", "draft", "seo")
]

_TASK: dict[str, Any] = {
    **_TASK_FIELDS,
    "status": "pending",
    "progress": {"stage": None, "percent": 0, "message": "Waiting to start.", "stages": _STAGES},
    "sources": [],
    "warnings": [],
    "article_ids": [],
    "started_at": None,
    "finished_at": None,
}

_TASK_ITEM: dict[str, Any] = {
    **_TASK_FIELDS,
    "status": "completed",
    "progress": {"stage": None, "percent": 100, "message": "The article is ready."},
    "article_ids": [_ARTICLE_ID],
    "started_at": "2026-03-14T09:26:53.702Z",
    "finished_at": _DONE,
}

_ARTICLE_ITEM: dict[str, Any] = {
    "article_id": _ARTICLE_ID,
    "task_id": _TASK_ID,
    "title": "How the Keeling Curve Is Measured",
    "slug": "how-the-keeling-curve-is-measured",
    "seo_title": "How the Keeling Curve Is Measured on Mauna Loa",
    "seo_description": "How the Keeling Curve is measured: station, instrument, reference gases and the checks"
    " that make its record one to trust.",
    "excerpt": "Air from Mauna Loa has been measured since 1958.",
    "keywords": ["keeling curve"],
    "featured_images": [],
    "data_sources": [
        {
            "number": 1,
            "url": None,
            "file_id": _FILE_ID,
            "title": "mauna-loa.csv",
            "site": None,
            "author": None,
            "published_at": None,
            "accessed_at": _CREATED,
            "license": None,
            "kind": "file",
        }
    ],
    "language": "en",
    "word_count": 934,
    "reading_minutes": 5,
    "seo": {
        "score": 92,
        "checks": [{"id": "title_length", "status": "pass", "message": "The length is good."}],
    },
    "json_ld": {"@context": "https://schema.org", "@type": "Article", "headline": "How the Keeling Curve Is Measured"},
    "outline": {
        "title": "How the Keeling Curve Is Measured",
        "sections": [{"section_id": "s1", "heading": "The station", "level": 2, "words": 180}],
    },
    "writer": "extractive",
    "prompts": None,
    "support": {"supported": 41, "repaired": 0, "removed": 1},
    "warnings": [],
    "metadata": {"campaign": "spring"},
    "publications": [],
    "publication_status": "draft",
    "published_at": None,
    "version": 1,
    "created_at": _DONE,
    "updated_at": _DONE,
}

_ARTICLE: dict[str, Any] = {
    **_ARTICLE_ITEM,
    "content": "Air has been measured since 1958.[^1]\n\n[^1]: mauna-loa.csv, rows 1-40",
    "content_html": "<p>Air has been measured since 1958.</p>",
}


def _one(value: dict[str, Any]) -> dict[str, Any]:
    return {"example": {"value": value}}


_SUMS = {
    "articles": 0,
    "words": 0,
    "calls": 9,
    "input_tokens": 7_412,
    "output_tokens": 1_903,
    "cached_tokens": 1_024,
    "cost_usd": 0.0283,
}
_WRITTEN: dict[str, Any] = {**_SUMS, "articles": 1, "words": 934, "models": [{**_SUMS, "articles": 1, "words": 934}]}
_WRITTEN["models"][0]["model"] = "gpt-5-2025-08-07"
_PAGE = {"total": 1, "page": 1, "page_size": 20, "pages": 1}
_WINDOW = {"total": 1, "limit": 20, "offset": 0}

EXAMPLES: dict[str, dict[str, Any]] = {  # by the model's name
    "TaskCreate": {
        "smallest": {"value": {"user_prompt": "Explain how the Keeling Curve is measured."}},
        "with sources": {
            "value": {
                "user_prompt": "Explain how the Keeling Curve is measured.",
                "keywords": ["keeling curve"],
                "reference_links": ["https://en.wikipedia.org/wiki/Keeling_Curve"],
                "min_words": 800,
                "max_words": 1_200,
                "language": "en",
            }
        },
    },
    "ArticlePatch": {
        "publish": {"value": {"publication_status": "published"}},
        "retitle": {"value": {"title": "How the Keeling Curve Is Made", "slug": "how-the-keeling-curve-is-made"}},
    },
    "TaskOut": _one(_TASK),
    "TaskList": _one({"tasks": [_TASK_ITEM], **_WINDOW}),
    "TaskArticles": _one({"articles": [_ARTICLE]}),
    "ArticleOut": _one(_ARTICLE),
    "ArticleList": _one({"articles": [_ARTICLE_ITEM], **_PAGE}),
    "VersionList": _one(
        {
            "versions": [
                {
                    "version": 1,
                    "title": _ARTICLE["title"],
                    "content": _ARTICLE["content"],
                    "word_count": 934,
                    "created_at": _DONE,
                }
            ],
            **_PAGE,
        }
    ),
    "EvidenceOut": _one(
        {
            "sentences": [
                {
                    "text": "Air has been measured since 1958.",
                    "citations": [1],
                    "passages": [
                        {
                            "source_number": 1,
                            "text": "Air has been measured on the mountain since 1958.",
                            "place": "page 3, The record",
                            "headings": ["The record"],
                            "page": 3,
                            "sheet": None,
                            "first_row": None,
                            "last_row": None,
                            "spans": [[1_204, 1_253]],
                            "language": "en",
                            "published_at": None,
                            "corroborated_by": ["https://en.wikipedia.org/wiki/Keeling_Curve"],
                        }
                    ],
                    "support": "supported",
                }
            ]
        }
    ),
    "FileOut": _one(_FILE),
    "FileList": _one({"files": [_FILE], **_WINDOW}),
    "UsageReport": _one(
        {
            "from": "2026-03-13",
            "to": "2026-03-14",
            "days": [
                {**dict.fromkeys(_SUMS, 0), "cost_usd": 0.0, "models": [], "day": "2026-03-13"},
                {**_WRITTEN, "day": "2026-03-14"},
            ],
            "totals": _WRITTEN,
            "limits": {
                "active_tasks": {"limit": 20, "used": 1, "left": 19},
                "requests_per_minute": {"limit": 600, "used": 3, "left": 597},
                "storage_bytes": {"limit": 1_073_741_824, "used": 18_244, "left": 1_073_723_580},
            },
        }
    ),
    "Health": _one({"status": "ok"}),
}
