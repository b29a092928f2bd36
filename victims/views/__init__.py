"""Pages of the sealed area. victims.middleware opens the scope around every one of them."""
