// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  existsSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Code, LadingError } from '@lading/errors';
import { randomBytes } from '@lading/linux';
import { hasMaps } from './id-maps.ts';
import { shortId } from './ids.ts';
import type { Owner } from './map-owner.ts';
import { type DriverHome, driverHomes, giveTo, ifThere, newFolder, type Paths } from './paths.ts';
import { hasLimits, limitFolder } from './quota.ts';
import type { LayerRecord } from './records.ts';
import { removeTree } from './remove-tree.ts';
import type { Trash } from './trash.ts';
import type { StorageQuota } from './types.ts';

/** The most layers that the kernel stacks. */
const mostLowers = 500;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const linkName = /^[A-Z2-7]{26}$/;

export function layerFolder(paths: Paths, id: string): string {
  return join(driverHome(paths, id).overlay, id);
}

/** The home that a layer of this store is in; that of containers for one that is nowhere. */
export function driverHome(paths: Paths, id: string): DriverHome {
  const isIn = (home: DriverHome): boolean => existsSync(join(home.overlay, id));
  // As other tools look for it.
  return (paths.imageStore && driverHomes(paths).find(isIn)) ?? paths;
}

/** The store that a layer's folder is in: this one, or one that is only read. */
export function homeOf(paths: Paths, id: string): Paths {
  const other = paths.others.find((home) => existsSync(layerFolder(home, id)));
  return other === undefined || existsSync(layerFolder(paths, id)) ? paths : other;
}

/** The folder of a layer for reading, in whichever store. */
export function findFolder(paths: Paths, id: string): string {
  return layerFolder(homeOf(paths, id), id);
}

/** The file from which a layer's archive can be put together again. */
export function tarSplitPath(paths: Paths, id: string): string {
  return join(paths.layers, `${id}.tar-split.gz`);
}

export interface NewLayerFolder {
  readonly id: string;
  readonly parent: string | undefined;
  /** Unpacked content on the same file system, to be moved in. Default: empty. */
  readonly content?: string | undefined;
  /** Content of the layers below with other owners, to be moved in below the layer's own, which is empty then. */
  readonly older?: string | undefined;
  /** Owner of the folders: the root of a container with mapped ids. Default: root. */
  readonly owner?: Owner;
  /** How much can be written in it. */
  readonly quota?: StorageQuota | undefined;
  /** Default: that of containers. */
  readonly home?: DriverHome;
}

/**
 * Makes the folder of a layer and its short link. Mode and owner of `diff` are the parent's, or 0555 and the owner's: an
 * archive has no say in them.
 */
export function makeLayerFolder(paths: Paths, request: NewLayerFolder): void {
  const { id, parent, content, older, owner = { uid: 0, gid: 0 }, home = paths } = request;
  const folder = join(home.overlay, id);
  const lowers = parent === undefined ? undefined : lowersOnto(paths, parent);
  const like = parent === undefined ? undefined : statSync(join(findFolder(paths, parent), 'diff'));
  const link = newLinkName();
  newFolder(folder, 0o700, owner);
  const diff = join(folder, 'diff');
  // Before the limit: files of another project could not be moved in, and these are none that the container wrote.
  if (older !== undefined) renameSync(older, `${diff}1`);
  if (request.quota !== undefined && hasLimits(request.quota)) limitFolder(paths, folder, request.quota);
  if (content === undefined) newFolder(diff, 0o555);
  else renameSync(content, diff);
  giveTo(diff, older === undefined && like !== undefined ? like : owner);
  chmodSync(diff, like === undefined ? 0o555 : like.mode & 0o7777);
  // First, so that who removes what a crash has left finds the link.
  writeLinkName(folder, link);
  symlinkSync(`../${id}/diff`, join(home.links, link));
  newFolder(join(folder, 'work'), 0o700, owner);
  newFolder(join(folder, 'merged'), 0o700, owner);
  if (lowers === undefined) {
    newFolder(join(folder, 'empty'), 0o700, owner);
    return;
  }
  writeFileSync(join(folder, 'lower'), lowers.links.map((name) => `l/${name}`).join(':'), { mode: 0o644 });
  // Newer tools prefer this file to the links, so it is only written when it says the same.
  if (lowers.ids !== undefined)
    writeFileSync(join(folder, 'lower-layers'), lowers.ids.join(':'), { mode: 0o644 });
}

/**
 * Writes the file `link` of a layer as a whole. An empty one, which a crash leaves between making and writing it, is a
 * trap: other tools join it to the folder of links, and remove that with the links of all layers.
 */
export function writeLinkName(folder: string, name: string): void {
  const temporary = join(folder, '.link');
  writeFileSync(temporary, name, { mode: 0o644 });
  renameSync(temporary, join(folder, 'link'));
}

/** Moves what a layer has on disk out of the way, to be removed. Nothing need be there. */
export async function withdrawLayerFolder(paths: Paths, id: string, trash: Trash): Promise<void> {
  for (const home of driverHomes(paths)) {
    const folder = join(home.overlay, id);
    const link = readText(join(folder, 'link'));
    if (link !== undefined && linkName.test(link)) rmSync(join(home.links, link), { force: true });
    ifThere(() => renameSync(folder, join(trash.folderIn(home), id)));
  }
  rmSync(tarSplitPath(paths, id), { force: true });
  await removeTree(join(paths.layers, id));
}

/** Ids of the layers below a layer, nearest first. */
export function lowerIds(paths: Paths, id: string): readonly string[] {
  const folder = findFolder(paths, id);
  const ids = readText(join(folder, 'lower-layers'))?.split(':');
  return ids ?? linksBelow(folder).map((name) => idBehind(paths, name, id));
}

/**
 * The layer that a copy with other owners is a copy of: its folder is on top of that one, and its record names the
 * parent of that one. Undefined for any other layer, and where the layer's own folder does not say.
 */
export function originalOf(paths: Paths, { id, parent, uidMap, gidMap }: LayerRecord): string | undefined {
  if (!hasMaps({ uidMap, gidMap })) return undefined;
  try {
    const [below] = lowerIds(paths, id);
    return below === parent ? undefined : below;
  } catch (error) {
    const failure = LadingError.from(error);
    if (failure.reason === 'LAYER_DAMAGED') return undefined;
    throw failure;
  }
}

/** Folders with a layer's content: `diff`, and the older ones that a change of owners has left. */
export function contentFolders(paths: Paths, id: string): readonly string[] {
  const diff = join(findFolder(paths, id), 'diff');
  const folders = [diff];
  for (let number = 1; existsSync(`${diff}${number}`); number += 1) folders.push(`${diff}${number}`);
  return folders;
}

interface Lowers {
  readonly links: readonly string[];
  /** Undefined where an older tool's links cannot all be followed. */
  readonly ids: readonly string[] | undefined;
}

function lowersOnto(paths: Paths, parent: string): Lowers {
  const folder = findFolder(paths, parent);
  const link = readText(join(folder, 'link'));
  if (link === undefined || !linkName.test(link)) {
    throw new LadingError(
      Code.FailedPrecondition,
      `layer ${shortId(parent)} has no valid file ${join(folder, 'link')}; remove the image and pull it again`,
      { reason: 'LAYER_DAMAGED' },
    );
  }
  const links = [link, ...linksBelow(folder)];
  if (links.length > mostLowers) {
    throw new LadingError(
      Code.FailedPrecondition,
      `layer ${shortId(parent)} has ${links.length - 1} layers below it; the kernel stacks ${mostLowers} at most`,
    );
  }
  const ids = [parent, ...lowerIds(paths, parent)];
  return { links, ids: ids.length === links.length ? ids : undefined };
}

function linksBelow(folder: string): readonly string[] {
  const text = readText(join(folder, 'lower')) ?? '';
  return text === '' ? [] : text.split(':').map((entry) => entry.replace(/^l\//, ''));
}

function idBehind(paths: Paths, link: string, above: string): string {
  const target = linkName.test(link) ? targetOf(paths, link) : undefined;
  const id = /^\.\.\/([^/]+)\/diff$/.exec(target ?? '')?.[1];
  if (id !== undefined && id !== '..') return id;
  throw new LadingError(
    Code.FailedPrecondition,
    `layer ${shortId(above)} is on top of the link ${JSON.stringify(link)}, which leads to no layer; remove the image and pull it again`,
    { reason: 'LAYER_DAMAGED' },
  );
}

/** Where a short link leads; those of all stores are looked through, as other tools do. */
function targetOf(paths: Paths, link: string): string | undefined {
  return [...driverHomes(paths), ...paths.others]
    .map(({ links }) => ifThere(() => readlinkSync(join(links, link))))
    .find((target) => target !== undefined);
}

function readText(path: string): string | undefined {
  try {
    return ifThere(() => readFileSync(path, 'utf8'))?.trim();
  } catch (error) {
    const { code, message, reason } = LadingError.from(error);
    const what = `${path}: ${message}; check the store and repair it`;
    throw new LadingError(code, what, { cause: error, ...(reason !== undefined && { reason }) });
  }
}

export function newLinkName(): string {
  return Array.from(randomBytes(26), (byte) => alphabet[byte % alphabet.length]).join('');
}
