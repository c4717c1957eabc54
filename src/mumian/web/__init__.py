"""The pages: server-rendered, in Chinese and English, usable without JavaScript."""
