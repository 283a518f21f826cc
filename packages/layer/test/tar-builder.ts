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

/** The archive with the two blocks of zeros that end it. */
export function tar(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, Buffer.alloc(1024)]);
}
