"""Tables, engines and transactions."""
