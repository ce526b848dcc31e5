"""The panel as Qt shows it: one file a section. Views show the panel's state and call its methods,
no more.
"""
