// SPDX-License-Identifier: Apache-2.0
import { type IDMapping, type Input, type Mount, NamespaceMode, type UserNamespace } from '@lading/cri-api';
import type { ContainerMount, ContainerOptions, PodInfo, PodOptions } from '@lading/engine';
import { Code, LadingError } from '@lading/errors';

type IdMaps = NonNullable<PodOptions['idMaps']>;

/**
 * The ids of a user namespace; undefined for those of the node. Whether they can be is checked by the engine.
 *
 * @param what asks for it, for messages
 */
export function idMapsOf(what: string, options: UserNamespace | undefined): IdMaps | undefined {
  if (options === undefined) return undefined;
  const { mode, uids, gids } = options;
  const refuse = (why: string): LadingError =>
    new LadingError(Code.InvalidArgument, `${what}: userns_options ${why}`, { reason: 'ID_MAP' });
  if (mode === NamespaceMode.NODE) {
    if (uids.length + gids.length > 0) throw refuse('of mode NODE have ids, which are for mode POD');
    return undefined;
  }
  if (mode !== NamespaceMode.POD) throw refuse('have a mode that is neither POD nor NODE');
  if (uids.length === 0 || gids.length === 0) throw refuse('of mode POD need uids and gids');
  return { uidMap: uids.map(rangeOf), gidMap: gids.map(rangeOf) };
}

/** The ids of a mount. */
export function mountMapsOf(
  what: string,
  { uidMappings, gidMappings }: Mount,
): Pick<Extract<ContainerMount, { type: 'bind' }>, 'idMaps'> {
  if (uidMappings.length + gidMappings.length === 0) return {};
  if (uidMappings.length === 0 || gidMappings.length === 0) {
    throw new LadingError(Code.InvalidArgument, `${what} needs both uid_mappings and gid_mappings`, {
      reason: 'ID_MAP',
    });
  }
  return { idMaps: { uidMap: uidMappings.map(rangeOf), gidMap: gidMappings.map(rangeOf) } };
}

/** What a status says of a pod's user namespace. */
export function userNamespaceOf({ options }: PodInfo): { usernsOptions?: Input<UserNamespace> } {
  const { idMaps } = options;
  if (idMaps === undefined) return {};
  const [uids, gids] = [idMaps.uidMap.map(mappingOf), idMaps.gidMap.map(mappingOf)];
  return { usernsOptions: { mode: NamespaceMode.POD, uids, gids } };
}

/** A container is in the user namespace of its pod; one that asks for another was meant for another pod. */
export function checkSameIds(
  { name }: ContainerOptions,
  pod: PodInfo,
  options: UserNamespace | undefined,
): void {
  if (options === undefined) return;
  const [asked, given] = [idMapsOf(`container ${name}`, options), pod.options.idMaps];
  if (JSON.stringify(asked) === JSON.stringify(given)) return;
  throw new LadingError(
    Code.InvalidArgument,
    `container ${name}: userns_options differ from those of sandbox ${pod.id}`,
    { reason: 'ID_MAP' },
  );
}

function rangeOf({ containerId, hostId, length }: IDMapping): IdMaps['uidMap'][number] {
  return { containerId, hostId, size: length };
}

function mappingOf({ containerId, hostId, size }: IdMaps['uidMap'][number]): IDMapping {
  return { containerId, hostId, length: size };
}
