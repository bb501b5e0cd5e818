// Every detector, in the order in which they are asked; the first to page speaks.
import type { Detector } from './detector.ts';
import { errorShare } from './error-share.ts';
import { trafficVanished } from './traffic-vanished.ts';

export const detectors = [errorShare, trafficVanished] as const satisfies readonly Detector[];
