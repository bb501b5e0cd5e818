// Which of the two dialogs is open: help or the palette. Never both.
type OverlayName = 'help' | 'palette';

class Overlay {
  open: OverlayName | null = $state(null);

  show(name: OverlayName): void {
    this.open = name;
  }

  toggle(name: OverlayName): void {
    this.open = this.open === name ? null : name;
  }

  close(): void {
    this.open = null;
  }
}

export const overlay = new Overlay();
