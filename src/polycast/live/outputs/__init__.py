"""What players are given: the line-up as each identity sees it, as playlists and guides, and who may fetch them."""
