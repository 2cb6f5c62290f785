//! The kernel's command line, for the few words that are for this program.

/// Its words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CommandLine {
    words: Vec<String>,
}

impl CommandLine {
    /// The present one; empty where it cannot be read.
    pub(super) fn of_kernel() -> CommandLine {
        CommandLine::parse(&std::fs::read_to_string("/proc/cmdline").unwrap_or_default())
    }

    /// None of the words that matter here is quoted.
    pub(super) fn parse(text: &str) -> CommandLine {
        CommandLine { words: text.split_whitespace().map(str::to_owned).collect() }
    }

    /// What follows `key=`; the last one counts.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.words.iter().rev().find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }

    /// Options of a kernel module, `softdog.soft_margin=10`, as the kernel takes them: `soft_margin=10`. A built-in
    /// driver gets them from the kernel, a loaded one only from whoever loads it.
    pub(super) fn options_of(&self, module: &str) -> String {
        let same = |name: &str| name.replace('-', "_") == module.replace('-', "_");
        let option = |word: &String| {
            let (name, option) = word.split_once('.')?;
            same(name).then(|| option.to_owned())
        };
        self.words.iter().filter_map(option).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_values_and_options() {
        let line = CommandLine::parse(
            "console=ttyAMA0 quiet synkiosk.card=sda bcm2835-wdt.heartbeat=12 bcm2835_wdt.nowayout=1 synkiosk.card=vda\n",
        );
        assert_eq!(line.value("quiet"), None);
        assert_eq!(line.value("synkiosk.card"), Some("vda"));
        assert_eq!(line.value("synkiosk"), None);
        assert_eq!(line.options_of("bcm2835_wdt"), "heartbeat=12 nowayout=1");
        assert_eq!(line.options_of("softdog"), "");
    }
}
