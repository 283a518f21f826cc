// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * Reads YAML into maps, lists and scalars.
 *
 * @throws InvalidArgument (`CONFIG_INVALID`) naming file and line
 */
export async function parseYaml(text: string, file: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  try {
    const document = parseDocument(text, {
      uniqueKeys: true,
      merge: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error !== undefined) {
      const line = text.slice(0, error.pos[0]).split('\n').length;
      throw fault(`${file}:${line}`, `it is not YAML (${error.code})`);
    }
    // No alias is needed here, and a few of them can unfold into billions of nodes.
    return document.toJS({ mapAsMap: true, maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof LadingError) throw error;
    throw fault(file, 'it is not YAML that can be read, or has an alias');
  }
}

function fault(file: string, message: string): LadingError {
  return new LadingError(Code.InvalidArgument, `${file}: ${message}`, { reason: 'CONFIG_INVALID' });
}
