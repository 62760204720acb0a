"""Llama models in the files of other programs: GGUF, llama2.c and Hugging Face, in and out.

Every format is one module with a reader and a writer, and all of them speak of the same thing, a
`ModelFile`: configuration, tensors in the file's order of tokens, tokenizer. Files are read as if a
stranger wrote them (`reading`): whatever one says, the answer is a model or one `CheckpointError`.
Nothing in a file is ever run: no pickle, and chat templates written in Jinja are not looked at.
"""
