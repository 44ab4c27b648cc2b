"""What people read, in Chinese and in English."""
