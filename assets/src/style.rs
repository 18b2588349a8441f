//! The style: imports bundled into one file, white space removed, modern CSS
//! left as it was written.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::dependencies::{Dependency, DependencyOptions};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use lightningcss::targets::{Browsers, Features, Targets};

/// Bundles the style sheet that starts at `entry`. `names` maps each static
/// file to the name it is served by, for `url()`.
pub(crate) fn bundle(entry: &Path, names: &BTreeMap<String, String>) -> Result<String> {
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| anyhow!("style: {error}"))?;
    sheet
        .minify(MinifyOptions {
            targets: targets(),
            ..MinifyOptions::default()
        })
        .map_err(|error| anyhow!("style: {error}"))?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            targets: targets(),
            analyze_dependencies: Some(DependencyOptions {
                remove_imports: false,
            }),
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("style: {error}"))?;
    let mut css = printed.code;
    for dependency in printed.dependencies.unwrap_or_default() {
        let (url, placeholder) = match dependency {
            Dependency::Url(found) => (found.url, found.placeholder),
            Dependency::Import(found) => bail!("style: @import of {} from elsewhere", found.url),
        };
        css = css.replace(&placeholder, &served(&url, names)?);
    }
    Ok(css)
}

/// Where a `url()` of the style leads once files are named after their content.
fn served(url: &str, names: &BTreeMap<String, String>) -> Result<String> {
    if url.starts_with("data:") || url.starts_with('#') {
        return Ok(url.to_owned());
    }
    let (path, fragment) = url
        .split_once('#')
        .map_or((url, None), |(path, part)| (path, Some(part)));
    let file = path.rsplit('/').next().unwrap_or(path);
    let Some(name) = names.get(file) else {
        bail!("style: url({url}) is none of the static files");
    };
    Ok(fragment.map_or_else(|| name.clone(), |part| format!("{name}#{part}")))
}

/// Evergreen browsers of 2024 and later: they understand what we write, so
/// that only the odd prefix is added and nothing is rewritten.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some((major << 16) | (minor << 8));
    Targets {
        browsers: Some(Browsers {
            chrome: version(125, 0),
            edge: version(125, 0),
            firefox: version(128, 0),
            safari: version(17, 5),
            ios_saf: version(17, 5),
            ..Browsers::default()
        }),
        include: Features::empty(),
        exclude: Features::Selectors
            | Features::Colors
            | Features::MediaQueries
            | Features::LogicalProperties,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bundled(main: &str) -> Result<String> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("main.css"), main)?;
        fs::write(folder.path().join("part.css"), ".part { color: red }")?;
        let names = BTreeMap::from([("icons.svg".to_owned(), "icons.1.svg".to_owned())]);
        bundle(&folder.path().join("main.css"), &names)
    }

    #[test]
    fn imports_become_layers_of_one_file() {
        let css = bundled("@layer base, ui; @import \"part.css\" layer(ui);").expect("valid");
        assert_eq!(css, "@layer base;@layer ui{.part{color:red}}");
    }

    #[test]
    fn modern_css_survives() {
        let css = bundled(
            ":root { color-scheme: light dark; --bg: light-dark(#ffffff, #101316) }
             .menu { anchor-name: --opener; position-anchor: --opener; top: anchor(bottom);
                     position-try-fallbacks: flip-block; background: light-dark(#fff, #000);
                     &:hover { color: color-mix(in oklab, var(--bg), red 20%) }
                     &:popover-open { display: grid } }
             .main { container: main / inline-size }
             @container main (width < 640px) { .rail { display: none } }
             @starting-style { .menu { opacity: 0 } }
             .x:has(> .y) { inset-inline: 0; text-wrap: balance; field-sizing: content }
             .x { user-select: none }",
        )
        .expect("valid");
        for kept in [
            "--bg:light-dark(#fff,#101316)",
            "background:light-dark(#fff,#000)",
            "anchor-name:--opener",
            "position-anchor:--opener",
            "top:anchor(bottom)",
            "position-try-fallbacks:flip-block",
            "&:hover{color:color-mix(in oklab, var(--bg), red 20%)}",
            "&:popover-open{",
            "@container main (width<640px)",
            "@starting-style{",
            ":has(>.y){",
            "inset-inline:0",
            "text-wrap:balance",
            "field-sizing:content",
            "-webkit-user-select:none",
        ] {
            assert!(css.contains(kept), "{kept} is gone from {css}");
        }
    }

    #[test]
    fn urls_follow_the_hashed_names() {
        let css = bundled(".a { mask: url(static/icons.svg#i-x) }").expect("valid");
        assert!(css.contains("icons.1.svg#i-x"), "{css}");
        assert!(bundled(".a { background: url(nothing.png) }").is_err());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let error = bundled("@import \"absent.css\";")
            .expect_err("no such file")
            .to_string();
        assert!(
            error.contains("main.css") || error.contains("absent.css"),
            "{error}"
        );
        let error = bundled(".a { color: red }\n}")
            .expect_err("stray brace")
            .to_string();
        assert!(error.contains("main.css:"), "{error}");
    }
}
