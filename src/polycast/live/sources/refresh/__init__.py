"""From a playlist or a panel to rows: fetching, parsing, comparing, marking what is gone."""
