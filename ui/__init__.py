"""The workbench in the browser: a module for every panel, its HTML, CSS and JavaScript in assets/."""
