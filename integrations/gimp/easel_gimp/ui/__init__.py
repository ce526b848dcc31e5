"""The sections of the window, in the order in which they lie in it. They show the panel's state
and call its methods; nothing of it is decided here. The theme is the user's: sizes and spaces
alone are ours.
"""
