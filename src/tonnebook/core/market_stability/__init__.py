"""Market stability (市场调节): when the authority steps in, with how much, at what price, and who then receives what.

`triggers` reads the closes of a market and says what they call for; `interventions` bounds what may be decided and
shares it out; `reserve_moves` bounds what is released to auctions or withdrawn from them. `surplus` and `containment`
are the rules of other places, to compare with: their published figures are replayed to the tonne.
Nothing here moves a unit.
"""
