// SPDX-License-Identifier: Apache-2.0

interface CapabilitySets {
  readonly bounding: string[];
  readonly effective: string[];
  readonly permitted: string[];
  readonly inheritable: string[];
  readonly ambient: string[];
}

/**
 * Sets of a process: root has all of the bounding set; another user only what was asked for by name, as with
 * podman. Inheritable stays empty for root (CVE-2022-24769).
 */
export function capabilitiesFor(options: {
  readonly bounding: readonly string[];
  /** As the caller wrote them. */
  readonly added: readonly string[];
  readonly uid: number;
  /** Of the bounding set; kept over execve by any user. */
  readonly ambient?: readonly string[];
}): CapabilitySets {
  const bounding = [...options.bounding];
  const kept = new Set(options.ambient?.map(capabilityName));
  const ambient = bounding.filter((name) => kept.has(name) || kept.has('ALL'));
  if (options.uid === 0) {
    return { bounding, effective: bounding, permitted: bounding, inheritable: ambient, ambient };
  }
  const asked = new Set([...options.added.map(capabilityName), ...ambient]);
  const own = bounding.filter((name) => asked.has(name));
  return { bounding, effective: own, permitted: own, inheritable: own, ambient: own };
}

/** `net_admin` and `CAP_NET_ADMIN` are one. */
function capabilityName(text: string): string {
  const upper = text.toUpperCase();
  return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}
