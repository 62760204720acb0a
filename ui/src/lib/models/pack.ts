/**
 * Several files as one: a tar of plain files, as POSIX.1-1988 has it. The files themselves are not
 * read here; the browser reads them while it sends.
 */

const blockBytes = 512;

export interface Part {
  name: string;
  file: Blob;
}

/** The files one after the other, each behind a header of 512 bytes. */
export function pack(parts: Part[]): Blob {
  const pieces = parts.flatMap(({ name, file }) => [
    header(name, file.size),
    file,
    new Uint8Array((blockBytes - (file.size % blockBytes)) % blockBytes),
  ]);
  return new Blob([...pieces, new Uint8Array(2 * blockBytes)]);
}

function header(name: string, size: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(blockBytes);
  const write = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.set(new TextEncoder().encode(name).subarray(0, 100), 0);
  write(octal(0o600, 7), 100);
  write(octal(0, 7), 108);
  write(octal(0, 7), 116);
  write(octal(size, 11), 124);
  write(octal(0, 11), 136);
  write('        ', 148); // the checksum counts itself as spaces
  write('0', 156);
  write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
