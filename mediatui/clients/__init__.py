"""The only input and output of the product: the API server, the media apps, Git engines and files."""
