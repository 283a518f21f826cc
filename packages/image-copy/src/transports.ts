// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { folderTransports } from './folder-transports.ts';
import type { ImageTransport, TransportContext } from './image-transport.ts';
import { serviceTransports } from './service-transports.ts';
import type { CallOptions, ImageDestination, ImageSource } from './types.ts';

/** A reference cut at its first colon. */
export interface TransportReference {
  /** The name of the transport. */
  readonly transport: string;
  readonly rest: string;
}

const builtIn: readonly ImageTransport[] = [...serviceTransports, ...folderTransports];

/** The names of the transports that are here. */
export const transports: readonly string[] = builtIn.map(({ name }) => name).toSorted();

/** Other tools know these; they are named so that the answer is not "unknown". */
const others = new Set(['atomic', 'ostree', 'sif']);

/**
 * Cuts a reference into its transport and the rest.
 *
 * @param own transports of the caller's, as in the context of {@link openSource}
 * @throws InvalidArgument for a text without a known transport; Unimplemented for one that only other tools have
 */
export function parseTransport(
  text: string,
  own: readonly Pick<ImageTransport, 'name'>[] = [],
): TransportReference {
  const colon = text.indexOf(':');
  const transport = colon < 0 ? '' : text.slice(0, colon);
  if (colon > 0 && (transports.includes(transport) || own.some(({ name }) => name === transport))) {
    return { transport, rest: text.slice(colon + 1) };
  }
  const shown = JSON.stringify(text.slice(0, 200));
  if (others.has(transport)) {
    throw new LadingError(
      Code.Unimplemented,
      `invalid image name ${shown}: the transport ${transport} is not supported`,
      { reason: 'UNSUPPORTED' },
    );
  }
  const names = [...transports, ...own.map(({ name }) => name)];
  throw new LadingError(
    Code.InvalidArgument,
    colon < 0
      ? `invalid image name ${shown}: write TRANSPORT:DETAILS, as in docker://HOST/PATH`
      : `invalid image name ${shown}: unknown transport ${JSON.stringify(transport.slice(0, 40))}; there are ${names.join(', ')}`,
    { reason: 'NAME_INVALID' },
  );
}

/**
 * Opens an image to be read, by a text like `docker://quay.io/team/app:1` or `oci:folder:name`.
 *
 * @throws InvalidArgument for a reference that is not one, and for a transport that only writes
 */
export async function openSource(text: string, context: TransportContext = {}): Promise<ImageSource> {
  const { transport, rest } = find(text, context);
  if (transport.openSource !== undefined) return transport.openSource(rest, context);
  throw new LadingError(Code.InvalidArgument, `images are only written to ${transport.name}:, not read`);
}

/**
 * Opens a place for an image to be written to.
 *
 * @throws InvalidArgument for a reference that is not one, and for a transport that only reads
 */
export async function openDestination(
  text: string,
  context: TransportContext = {},
): Promise<ImageDestination> {
  const { transport, rest } = find(text, context);
  if (transport.openDestination !== undefined) return transport.openDestination(rest, context);
  throw new LadingError(Code.InvalidArgument, `images are only read from ${transport.name}:, not written`);
}

/**
 * Deletes the image that a text names: from a registry its manifest, and with it all its tags; from an OCI layout
 * its entry, and the blobs that no other entry uses; from the local store the image with all its names.
 *
 * @throws Unimplemented for places that keep images for good; NotFound (`MANIFEST_UNKNOWN`)
 */
export async function deleteImage(
  text: string,
  context: TransportContext = {},
  options: CallOptions = {},
): Promise<void> {
  const { transport, rest } = find(text, context);
  if (transport.deleteImage === undefined) {
    throw new LadingError(
      Code.Unimplemented,
      `${text.slice(0, 200)}: deleting images is not implemented for ${transport.name}:`,
      { reason: 'UNSUPPORTED' },
    );
  }
  try {
    await transport.deleteImage(rest, context, options);
  } catch (error) {
    const { code, reason, message } = LadingError.from(error);
    throw new LadingError(code, `deleting ${text.slice(0, 500)}: ${message}`, {
      ...(reason === undefined ? {} : { reason }),
      cause: error,
    });
  }
}

function find(text: string, { transports: own = [] }: TransportContext) {
  const { transport: wanted, rest } = parseTransport(text, own);
  const transport = [...own, ...builtIn].find(({ name }) => name === wanted);
  if (transport === undefined) throw new LadingError(Code.Internal, `the transport ${wanted} is not found`);
  return { transport, rest };
}
