"""What is known of languages: telling them apart, their function words, lemmas and patterns."""
