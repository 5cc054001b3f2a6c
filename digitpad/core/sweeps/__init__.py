"""Several settings of a recipe, trained one after the other or side by side, and compared."""
