// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatReference, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';

/** What `containers-storage:[[DRIVER@]ROOT[+RUNROOT][:OPTIONS]]NAME` names. */
export interface StorageReference {
  readonly graphRoot: string | undefined;
  readonly runRoot: string | undefined;
  /** A full reference, or an image ID. */
  readonly image: { readonly name: string } | { readonly id: string };
  readonly text: string;
}

/** Reads what follows `containers-storage:`. */
export function parseStorageReference(text: string): StorageReference {
  const [, store, name = text] = /^\[([^\]]*)\](.*)$/s.exec(text) ?? [];
  return { ...parseStore(store, text), image: parseImage(name, text), text: `containers-storage:${text}` };
}

function parseStore(
  store: string | undefined,
  text: string,
): Pick<StorageReference, 'graphRoot' | 'runRoot'> {
  if (store === undefined) return { graphRoot: undefined, runRoot: undefined };
  const [, driver, graphRoot, runRoot, options] =
    /^(?:([a-z0-9]+)@)?(\/[^+:]*)(?:\+(\/[^:]*))?(?::(.*))?$/.exec(store) ?? [];
  if (graphRoot === undefined) throw fault(text, 'write [overlay@/graph/root+/run/root]NAME');
  if (driver !== undefined && driver !== 'overlay') {
    throw new LadingError(Code.Unimplemented, `the storage driver ${driver} is not supported, only overlay`, {
      reason: 'UNSUPPORTED',
    });
  }
  if (options) {
    throw new LadingError(Code.Unimplemented, 'options of the storage driver are not supported here', {
      reason: 'UNSUPPORTED',
    });
  }
  return { graphRoot, runRoot };
}

function parseImage(name: string, text: string): StorageReference['image'] {
  const [, id] = /^(?:.*@)?([0-9a-f]{64})$/s.exec(name) ?? [];
  if (id !== undefined && !name.endsWith(`:${id}`)) return { id };
  if (name === '') throw fault(text, 'name an image');
  return { name: formatReference(withDefaultTag(parseFamiliarReference(name))) };
}

function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `containers-storage:${text.slice(0, 200)}: ${hint}`);
}
