"""Hostile environments: full disks, missing libraries, odd folders."""
