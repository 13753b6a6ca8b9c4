"""What there is: libraries, films, shows, seasons, episodes, and the files behind them."""
