"""Draws the rates: a group of bars for each request, a bar for each server."""

from servers import ALL

WIDTH, LINE, GAP, TOP = 720, 26, 44, 34
# Where the bars start, and the length of the longest.
LEFT, LONGEST = 110, 480
GROUPS = {"check": "session checks per second", "read": "counted reads per second, each synced to disk"}
STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #59636e } "
    ".ground { fill: #fff } .track { fill: #eaeef2 } .ours { fill: #1a7f37 } .peer { fill: #57606a } "
    "@media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .small { fill: #9198a1 } .ground { fill: #0d1117 } "
    ".track { fill: #262c36 } .ours { fill: #3fb950 } .peer { fill: #8b949e } }"
)


def draw(figures):
    """An SVG of the medians, from figures that are there for every server."""
    height = len(GROUPS) * (GAP + LINE * len(figures)) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="Benchmark beside peers: session checks and counted reads per second">',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
    ]
    for place, (request, title) in enumerate(GROUPS.items()):
        top = place * (GAP + LINE * len(figures))
        rates = {name: requests[request].median("rate") for name, requests in figures.items()}
        parts.append(f'<text class="small" x="16" y="{top + TOP - 6}">{title}, more is better</text>')
        for line, (name, rate) in enumerate(rates.items()):
            parts += bar(name, rate, max(rates.values()), top + TOP + LINE * line)
    return "\n".join([*parts, "</svg>\n"])


def bar(name, rate, highest, top):
    length = LONGEST * rate / highest
    return [
        f'<text x="16" y="{top + 16}">{ALL[name].title}</text>',
        f'<rect class="track" x="{LEFT}" y="{top + 5}" width="{LONGEST}" height="14"/>',
        f'<rect class="{"ours" if name == "tollgate" else "peer"}" x="{LEFT}" y="{top + 5}" width="{length:.1f}" '
        'height="14"/>',
        f'<text x="{LEFT + LONGEST + 12}" y="{top + 16}">{rate:,.0f}</text>',
    ]
