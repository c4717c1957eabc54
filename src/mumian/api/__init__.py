"""The HTTP API under `/api/v1/`, typed and described by OpenAPI. It knows the engine and no system."""
