"""Why a network does not learn: suspects are tried, causes are peeled off one after another, cures are compared."""
