"""Pictures of titles, by names that give nothing away."""
