"""Dashboards of BI tools, written from dashboards/panels.yml."""
