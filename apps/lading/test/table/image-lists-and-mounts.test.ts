// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { containerMountRows, imageMountRows } from './rows/image-mounts.ts';
import { manifestRows } from './rows/manifests.ts';

// podman cannot mount all images while there are lists.
compareRows('lists and mounts of images', [...imageMountRows, ...containerMountRows, ...manifestRows]);
