"""What an AI assistant may ask of a published snapshot, over the Model Context Protocol; nothing here writes."""
