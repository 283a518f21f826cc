// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { listDropIns, readText } from './files.ts';

/** A TOML document and the file it is from. */
export interface TomlFile {
  readonly file: string;
  readonly table: Readonly<Record<string, unknown>>;
}

/**
 * Reads a TOML file; undefined when there is none.
 *
 * @throws InvalidArgument naming file, line and column when it is not TOML
 */
export async function loadToml(path: string, signal?: AbortSignal): Promise<TomlFile | undefined> {
  const text = await readText(path, signal);
  return text === undefined ? undefined : { file: path, table: await parseToml(path, text) };
}

/**
 * Reads the `*.conf` files of a folder in the order of their names, as every container tool does: what comes
 * later counts. How two files are merged is the reader's to say, since it differs by key.
 */
export async function loadDropIns(directory: string, signal?: AbortSignal): Promise<readonly TomlFile[]> {
  const found: TomlFile[] = [];
  for (const path of listDropIns(directory)) {
    const file = await loadToml(path, signal);
    if (file !== undefined) found.push(file);
  }
  return found;
}

async function parseToml(file: string, text: string): Promise<Readonly<Record<string, unknown>>> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // The first line says what is wrong; the following quote the file, which may hold a secret.
    const [what = 'not TOML'] = cause.message.split('\n');
    throw new LadingError(
      Code.InvalidArgument,
      `${file}:${cause.line}:${cause.column}: ${what.replace(/^Invalid TOML document: /, '')}`,
      { reason: 'TOML_INVALID', details: { file, line: cause.line, column: cause.column } },
    );
  }
}
