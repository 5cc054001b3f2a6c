"""Small widgets that any tab may use."""
