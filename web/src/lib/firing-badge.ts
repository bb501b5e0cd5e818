// The number of firing incidents where a hidden tab can show it: in its title and on its icon.
import { token } from './theme.svelte.ts';

const icon = () => document.querySelector<HTMLLinkElement>('link[rel="icon"]')!;

/** The number on the icon: it is drawn again only when that changes. */
let drawn = 0;

export function showFiring(firing: number, title: string): void {
  document.title = `${firing > 0 ? `(${firing}) ` : ''}${title} · Fivealarm`;
  if (firing === drawn) return;
  drawn = firing;
  if (firing === 0) {
    icon().href = '/favicon.svg';
    return;
  }
  const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
  const ctx = canvas.getContext('2d')!;
  ctx.fillStyle = token('--fire');
  ctx.beginPath();
  ctx.roundRect(0, 0, 64, 64, 14);
  ctx.fill();
  ctx.fillStyle = token('--on-fire');
  ctx.font = `bold ${firing > 9 ? 36 : 46}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(firing > 99 ? '99+' : String(firing), 32, 35);
  icon().href = canvas.toDataURL('image/png');
}
