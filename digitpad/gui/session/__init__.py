"""What the tabs share: models, runs, data, settings and the services that work in threads."""
