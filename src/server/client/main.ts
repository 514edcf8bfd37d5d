/** What pages do beyond links and forms. Every page works without it. */

import { CompareSlider } from './compare-slider.ts';
import { CopyText } from './copy-text.ts';
import { DropZone } from './drop-zone.ts';
import { FramePlayer } from './frame-player.ts';
import { addKeys } from './keys.ts';
import { LiveQueue } from './live-queue.ts';
import { addLocalTimes } from './local-times.ts';
import { ZoomPicture } from './zoom-picture.ts';

customElements.define('copy-text', CopyText);
customElements.define('compare-slider', CompareSlider);
customElements.define('drop-zone', DropZone);
customElements.define('frame-player', FramePlayer);
customElements.define('live-queue', LiveQueue);
customElements.define('zoom-picture', ZoomPicture);
addKeys();
addLocalTimes();
