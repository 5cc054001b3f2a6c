"""Everything digitpad knows about ink, digits and models; no Qt."""
