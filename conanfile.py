import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class MigrateConan(ConanFile):
    name = "migrate"
    description = "Moves a whole database between SQLite, PostgreSQL and JSON, exactly, and proves it"
    license = "MIT"
    topics = ("database", "migration", "sqlite", "postgresql", "json")
    package_type = "library"

    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "with_cli": [True, False]}
    default_options = {
        "shared": False,
        "fPIC": True,
        "with_cli": True,
        "soci/*:with_sqlite3": True,
        "soci/*:with_postgresql": True,
        # One SQLite in the process, however many libraries use it: two would drop each other's file locks.
        "sqlite3/*:shared": True,
    }
    exports_sources = "CMakeLists.txt", "LICENSE", "cmake/*", "libmigrate/*", "apps/*"

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "libmigrate/include/migrate/version.hpp"))
        self.version = re.search(r'MIGRATE_VERSION_STRING "([^"]+)"', header).group(1)

    def config_options(self):
        if self.settings.os == "Windows":
            del self.options.fPIC

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # From what Debian 12 has to what Conan Center has, so that either can provide them.
        self.requires("soci/[>=4.0.3 <5]")
        self.requires("sqlite3/[>=3.40 <4]")
        self.requires("libpq/[>=14 <18]")
        self.requires("boost/[>=1.74 <2]")
        self.requires("fmt/[>=9 <13]")
        self.requires("xxhash/[>=0.8.1 <0.9]")
        self.requires("libsodium/[>=1.0.18 <1.1]")
        self.requires("zstd/[>=1.5 <1.6]")
        self.requires("rapidjson/[>=1.1.0]", visible=False)
        if self.options.with_cli:
            self.requires("spdlog/[>=1.10 <2]", visible=False)
            self.requires("yaml-cpp/[>=0.6.3 <1]", visible=False)

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["MIGRATE_BUILD_APPS"] = bool(self.options.with_cli)
        toolchain.cache_variables["MIGRATE_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["MIGRATE_BUILD_TESTS"] = False
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # The installed config is used as it is: it finds what a static library needs, whether Conan or the
        # system provides it. The names below are that config's.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.set_property("cmake_file_name", "migrate")

        library = self.cpp_info.components["migrate"]
        library.set_property("cmake_target_name", "migrate::migrate")
        library.set_property("pkg_config_name", "migrate")
        library.builddirs = [os.path.join("lib", "cmake", "migrate")]
        library.libs = ["migrate"]
        if not self.options.shared:
            library.defines = ["MIGRATE_STATIC"]
            library.system_libs = ["pthread"]
        library.requires = [
            "soci::soci",
            "sqlite3::sqlite3",
            "libpq::libpq",
            "boost::filesystem",
            "fmt::fmt",
            "xxhash::xxhash",
            "libsodium::libsodium",
            "zstd::zstd",
        ]

        soci = self.cpp_info.components["soci"]
        soci.set_property("cmake_target_name", "migrate::soci")
        soci.libs = ["migrate_soci"]
        soci.requires = ["migrate", "soci::soci"]
