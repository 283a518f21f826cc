// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { formatReference, isDigest, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';

/** An image of the local store: by its name, by its ID, or by both. */
export interface StoredImageName {
  /** A full reference with a tag, a digest or both. */
  readonly name?: string | undefined;
  /** The image's ID, or the start of it. */
  readonly id?: string | undefined;
  /** What would be an ID's start if an image of the store has such a one; else it is the name. */
  readonly possibleId?: string | undefined;
}

/** What `containers-storage:[[DRIVER@]ROOT[+RUNROOT][:OPTIONS]]NAME` names. */
export interface StorageReference {
  readonly graphRoot: string | undefined;
  readonly runRoot: string | undefined;
  /** `overlay.KEY=VALUE`, split at commas. */
  readonly options: string | undefined;
  readonly image: StoredImageName;
  readonly text: string;
}

/** Shorter ones are taken for names, as in other tools. */
const shortestId = 3;

/** Reads what follows `containers-storage:`. */
export function parseStorageReference(text: string): StorageReference {
  if (!text.startsWith('[')) {
    const store = { graphRoot: undefined, runRoot: undefined, options: undefined };
    return { ...store, image: parseImage(text, text), text: `containers-storage:${text}` };
  }
  const end = text.indexOf(']');
  if (end < 2) throw fault(text, 'write [overlay@/graph/root+/run/root]NAME');
  const image = parseImage(text.slice(end + 1), text);
  return { ...parseStore(text.slice(1, end), text), image, text: `containers-storage:${text}` };
}

function parseStore(
  store: string,
  text: string,
): Pick<StorageReference, 'graphRoot' | 'runRoot' | 'options'> {
  const [, driver, graphRoot, runRoot, options] =
    /^(?:([a-z0-9]+)@)?(\/[^+:]*)(?:\+(\/[^:]*))?(?::(.*))?$/.exec(store) ?? [];
  if (graphRoot === undefined) throw fault(text, 'write [overlay@/graph/root+/run/root]NAME');
  if (driver !== undefined && driver !== 'overlay' && driver !== 'overlay2') {
    throw new LadingError(Code.Unimplemented, `the storage driver ${driver} is not supported, only overlay`, {
      reason: 'UNSUPPORTED',
    });
  }
  return { graphRoot, runRoot, options: options || undefined };
}

function parseImage(text: string, whole: string): StoredImageName {
  const at = text.lastIndexOf('@');
  const last = text.slice(at + 1);
  if (last === '') throw fault(whole, at < 0 ? 'name an image' : 'after @ stands a digest or an ID');
  if (at < 0) {
    if (/^[0-9a-f]{64}$/.test(text)) return { id: text };
    const isPossible = text.length >= shortestId && /^[0-9a-f]{1,63}$/.test(text);
    return { name: nameOf(text), ...(isPossible ? { possibleId: text } : {}) };
  }
  if (isDigest(last)) return { name: nameOf(text) };
  if (last.length < shortestId || !/^[0-9a-f]{1,64}$/.test(last)) {
    throw fault(whole, `${JSON.stringify(last.slice(0, 80))} does not look like an image ID or digest`);
  }
  return at === 0 ? { id: last } : { name: nameOf(text.slice(0, at)), id: last };
}

function nameOf(text: string): string {
  return formatReference(withDefaultTag(parseFamiliarReference(text)));
}

function fault(text: string, hint: string): LadingError {
  return new LadingError(Code.InvalidArgument, `containers-storage:${text.slice(0, 200)}: ${hint}`);
}
