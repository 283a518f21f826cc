// SPDX-License-Identifier: Apache-2.0
import { boolean, list, object, oneOf, type Rule, string, strings, uint8, uint32 } from '@lading/document';

/** A device that is made visible in /dev. */
export interface FreeBsdDevice {
  /** REQUIRED: relative to /dev. */
  readonly path: string;
  /** OPTIONAL. Permissions, as a decimal number in JSON. */
  readonly mode?: number;
}

/** Whether the jail has the thing, of its own or its parent's. */
export type FreeBsdSharing = 'disable' | 'new' | 'inherit';

const sharing: Rule<FreeBsdSharing> = oneOf('disable', 'new', 'inherit');

/** As {@link FreeBsdSharing}, of what a jail cannot be without. */
export type FreeBsdSharingOrNew = 'new' | 'inherit';

const sharingOrNew: Rule<FreeBsdSharingOrNew> = oneOf('new', 'inherit');

/** What the jail may do. */
export interface FreeBsdJailAllow {
  /** OPTIONAL. Change the host name. Default false. */
  readonly setHostname?: boolean;
  /** OPTIONAL. Raw sockets, for ping. Default false. */
  readonly rawSockets?: boolean;
  /** OPTIONAL. Change system file flags. Default false. */
  readonly chflags?: boolean;
  /** OPTIONAL. Types of file systems. */
  readonly mount?: readonly string[];
  /** OPTIONAL. Change quotas. Default false. */
  readonly quotas?: boolean;
  /** OPTIONAL. Sockets beyond IPv4, IPv6 and unix. Default false. */
  readonly socketAf?: boolean;
  /** OPTIONAL. mlock(2). Default false. */
  readonly mlock?: boolean;
  /** OPTIONAL. Bind to ports below 1024. Default true. */
  readonly reservedPorts?: boolean;
  /** OPTIONAL. Have a super-user. Default true. */
  readonly suser?: boolean;
}

/** Parameters of jail(8). */
export interface FreeBsdJail {
  /** OPTIONAL. Jail above. */
  readonly parent?: string;
  /** OPTIONAL. Host name and id. */
  readonly host?: FreeBsdSharingOrNew;
  /** OPTIONAL. IPv4. */
  readonly ip4?: FreeBsdSharing;
  /** OPTIONAL. Addresses to restrict it to. */
  readonly ip4Addr?: readonly string[];
  /** OPTIONAL. IPv6. */
  readonly ip6?: FreeBsdSharing;
  /** OPTIONAL. Addresses to restrict it to. */
  readonly ip6Addr?: readonly string[];
  /** OPTIONAL. `new` for a network stack of its own. */
  readonly vnet?: FreeBsdSharingOrNew;
  /** OPTIONAL. Interface that gets the addresses. */
  readonly interface?: string;
  /** OPTIONAL. Interfaces that move into the jail. */
  readonly vnetInterfaces?: readonly string[];
  /** OPTIONAL. System V message queues. Default new. */
  readonly sysvmsg?: FreeBsdSharing;
  /** OPTIONAL. System V semaphores. Default new. */
  readonly sysvsem?: FreeBsdSharing;
  /** OPTIONAL. System V shared memory. Default new. */
  readonly sysvshm?: FreeBsdSharing;
  /** OPTIONAL. 0 sees all mounts, 1 those below the root, 2 only the root's. */
  readonly enforceStatfs?: number;
  /** OPTIONAL. What the jail may do. */
  readonly allow?: FreeBsdJailAllow;
}

/**
 * The section of FreeBSD.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-freebsd.md
 */
export interface FreeBsd {
  /** OPTIONAL. Made visible in /dev. */
  readonly devices?: readonly FreeBsdDevice[];
  /** OPTIONAL. Parameters of the jail. */
  readonly jail?: FreeBsdJail;
}

export const freebsd: Rule<FreeBsd> = object<FreeBsd>({
  devices: list(object<FreeBsdDevice>({ path: string, mode: uint32 }, ['path'])),
  jail: object<FreeBsdJail>({
    parent: string,
    host: sharingOrNew,
    ip4: sharing,
    ip4Addr: strings,
    ip6: sharing,
    ip6Addr: strings,
    vnet: sharingOrNew,
    interface: string,
    vnetInterfaces: strings,
    sysvmsg: sharing,
    sysvsem: sharing,
    sysvshm: sharing,
    enforceStatfs: uint8,
    allow: object<FreeBsdJailAllow>({
      setHostname: boolean,
      rawSockets: boolean,
      chflags: boolean,
      mount: strings,
      quotas: boolean,
      socketAf: boolean,
      mlock: boolean,
      reservedPorts: boolean,
      suser: boolean,
    }),
  }),
});
