"""The vendors' own SDKs as judges of requests and answers. Nothing here may import anything of
Easel."""
