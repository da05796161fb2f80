"""What every prompt asks of an assistant."""

HOUSE_RULES = """House rules
- Outcomes, not outputs: a key result says what changes for customers or the business, not what is shipped.
- State the mechanism: say how each leading metric leads to the next one, so that somebody can prove it wrong.
- Guardrails: name one or two metrics that must not get worse while the target is pursued.
- Zero-exposure test: if nobody used the feature, would the metric still move? Then it does not measure the feature.
- A number never stands alone: give its period, interval, n and status. A pending or immature number is called so.
- What the data cannot answer (a refusal of a tool) is said in the text as not known, with the day it can be read."""
