// SPDX-License-Identifier: Apache-2.0

// A tar written by hand, field by field, so that tests can write what no honest program would.

export interface Fields {
  readonly name: string | Buffer;
  /** Type flag: `0` file, `1` hard link, `2` symbolic link, `5` folder, … Default: file. */
  readonly type?: string;
  readonly link?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly content?: string | Buffer;
  /** Default: the length of the content. */
  readonly size?: number;
  /** The bytes of the size field instead. */
  readonly rawSize?: Buffer;
  /** Default: the right one. */
  readonly checksum?: number;
  readonly magic?: string;
}

/** Header, content and padding of one entry. */
export function entry(fields: Fields): Buffer {
  const content = Buffer.from(fields.content ?? '');
  const block = Buffer.alloc(512);
  Buffer.from(fields.name).copy(block, 0, 0, 100);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  octal(fields.mode ?? 0o644, 100, 8);
  octal(fields.uid ?? 0, 108, 8);
  octal(fields.gid ?? 0, 116, 8);
  octal(fields.size ?? content.length, 124, 12);
  fields.rawSize?.copy(block, 124);
  octal(fields.mtime ?? 1_600_000_000, 136, 12);
  block.write(fields.type ?? '0', 156, 'latin1');
  Buffer.from(fields.link ?? '').copy(block, 157, 0, 100);
  block.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
  block.fill(' ', 148, 156);
  const sum = fields.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([block, content, Buffer.alloc(-content.length & 511)]);
}

export function folder(name: string | Buffer, fields: Partial<Fields> = {}): Buffer {
  return entry({ mode: 0o755, ...fields, name, type: '5' });
}

export function symlink(name: string, link: string): Buffer {
  return entry({ name, type: '2', link, mode: 0o777 });
}

export function hardLink(name: string, link: string): Buffer {
  return entry({ name, type: '1', link });
}

/** A pax header for the next entry, or for all that follow. */
export function pax(records: Readonly<Record<string, string | Buffer>>, type: 'x' | 'g' = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
    let length = rest.length;
    while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
    return Buffer.concat([Buffer.from(String(length)), rest]);
  });
  return entry({ name: 'PaxHeaders/x', type, content: Buffer.concat(lines) });
}

/** A sparse file as GNU tar wrote it before pax: four pieces in the header, 21 in each block behind it. */
export function oldSparse(fields: {
  readonly name: string;
  readonly realSize: number;
  /** Offset and length of each piece, in turns. */
  readonly map: readonly number[];
  readonly content: string;
}): Buffer {
  const number = (value: number): Buffer => {
    const field = Buffer.alloc(12);
    if (value >= 0) field.write(`${value.toString(8).padStart(11, '0')}\0`, 'latin1');
    else field.fill(0xff).writeInt32BE(value, 8);
    return field;
  };
  const pieces = (from: number, count: number, length: number): Buffer => {
    const block = Buffer.alloc(length);
    for (const [i, value] of fields.map.slice(2 * from, 2 * (from + count)).entries()) {
      number(value).copy(block, 12 * i);
    }
    block[24 * count] = fields.map.length > 2 * (from + count) ? 1 : 0;
    return block;
  };
  const header = entry({ name: fields.name, type: 'S', content: fields.content, magic: 'ustar  \0' });
  pieces(0, 4, 97).copy(header, 386);
  number(fields.realSize).copy(header, 483);
  header.fill(' ', 148, 156);
  const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const blocks: Buffer[] = [];
  for (let from = 4; 2 * from < fields.map.length; from += 21) blocks.push(pieces(from, 21, 512));
  return Buffer.concat([header.subarray(0, 512), ...blocks, header.subarray(512)]);
}

/** The archive with the two blocks of zeros that end it. */
export function tar(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}
