#include "src/report/html.h"

#include "src/report/svg.h"

namespace ntk::report {
namespace {

constexpr std::string_view kStyle = R"(
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --ink: #1d2129; --soft: #5b6270; --hair: #d9dbe0; --card: #f3f3f0;
  --accent: #2a5db0; --counter: #c2562d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181d; --ink: #e6e8ec; --soft: #9aa2b1; --hair: #343a45; --card: #1d2128;
    --accent: #7aa7ee; --counter: #ee9468;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); }
body {
  margin: 0 auto; padding: 4rem 1.5rem 6rem; max-width: 44rem;
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; font-weight: 650; margin: 0; }
h2 { font-size: 1.2rem; line-height: 1.3; letter-spacing: -0.01em; font-weight: 620; margin: 3.5rem 0 0.5rem; }
p { margin: 0.5rem 0 1rem; }
.subtitle { color: var(--soft); font-size: 1.1rem; margin: 0.5rem 0 2rem; }
.merits { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 2rem 0; padding: 1.25rem 0;
  border-top: 1px solid var(--hair); border-bottom: 1px solid var(--hair); }
.merits div { flex: 1 1 8rem; }
.merits strong { display: block; font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em; }
.merits span { color: var(--soft); font-size: 0.9rem; }
code { font: 0.85rem/1.6 ui-monospace, "SF Mono", "DejaVu Sans Mono", Consolas, monospace; }
pre { background: var(--card); border-radius: 6px; padding: 0.9rem 1.1rem; margin: 1rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
figure { margin: 1.25rem 0 1.5rem; }
figcaption { color: var(--soft); font-size: 0.9rem; margin-top: 0.6rem; }
svg { display: block; max-width: 100%; height: auto; }
details { margin-top: 0.5rem; font-size: 0.9rem; }
summary { cursor: pointer; color: var(--soft); }
table { border-collapse: collapse; margin: 0.75rem 0; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.3rem 1.75rem 0.3rem 0; border-bottom: 1px solid var(--hair); }
th { color: var(--soft); font-weight: 500; }
th.number, td.number { text-align: right; }
svg text { fill: var(--ink); font-family: inherit; }
svg text.tick { fill: var(--soft); font-size: 12px; }
svg text.title { fill: var(--soft); font-size: 13px; }
svg text.count { font-size: 14px; }
svg .ink { fill: var(--ink); }
svg .crisp { shape-rendering: crispEdges; }
svg .axis { stroke: var(--soft); stroke-width: 1; }
svg .grid { stroke: var(--hair); stroke-width: 1; }
svg .divide { stroke: var(--paper); stroke-width: 1; }
svg .reference { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
svg .frame { fill: none; stroke: var(--hair); stroke-width: 1; }
svg .accent.fill { fill: var(--accent); }
svg .counter.fill { fill: var(--counter); }
svg .accent.stroke { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
svg .counter.stroke { fill: none; stroke: var(--counter); stroke-width: 2; stroke-linejoin: round; }
@media print { body { padding: 0; } figure, .merits { break-inside: avoid; } }
)";

}  // namespace

HtmlPage::HtmlPage(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void HtmlPage::add_figures_of_merit(
    const std::vector<std::pair<std::string, std::string>>& figures) {
  body_ += "<div class=\"merits\">\n";
  for (const auto& [number, meaning] : figures)
    body_ += "<div><strong>" + escape_markup(number) + "</strong><span>" + escape_markup(meaning) +
             "</span></div>\n";
  body_ += "</div>\n";
}

void HtmlPage::add_heading(std::string_view text) {
  body_ += "<h2>" + escape_markup(text) + "</h2>\n";
}

void HtmlPage::add_paragraph(std::string_view text) {
  body_ += "<p>" + escape_markup(text) + "</p>\n";
}

void HtmlPage::add_code(std::string_view text) {
  body_ += "<pre><code>" + escape_markup(text) + "</code></pre>\n";
}

void HtmlPage::add_table(const Table& table) { body_ += table.to_html(); }

void HtmlPage::add_figure(std::string_view svg, std::string_view caption, const Table* numbers) {
  body_ += "<figure>\n" + std::string(svg) + "<figcaption>" + escape_markup(caption);
  if (numbers != nullptr)
    body_ += "\n<details><summary>Numbers</summary>\n" + numbers->to_html() + "</details>\n";
  body_ += "</figcaption>\n</figure>\n";
}

std::string HtmlPage::str() const {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_markup(title_) + "</title>\n<style>" + std::string(kStyle) +
         "</style>\n</head>\n<body>\n<main>\n<h1>" + escape_markup(title_) +
         "</h1>\n<p class=\"subtitle\">" + escape_markup(subtitle_) + "</p>\n" + body_ +
         "</main>\n</body>\n</html>\n";
}

}  // namespace ntk::report
