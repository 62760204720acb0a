"""The LSTM: a recurrent network that reads and writes one character at a time."""
